/**
 * What run directories say while runs write to them: looked at again and again, with little work
 * each time. What they say is data of others.
 */
@NullMarked
package org.deeprl4j.experiments.board;

import org.jspecify.annotations.NullMarked;
