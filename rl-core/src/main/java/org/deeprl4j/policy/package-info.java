/** What acts and what values: policies, value functions, action-value functions. */
@NullMarked
package org.deeprl4j.policy;

import org.jspecify.annotations.NullMarked;
