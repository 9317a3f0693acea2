/** Environments: the contract a simulator implements, its wrappers, vectorisation and checker. */
@NullMarked
package org.deeprl4j.mdp;

import org.jspecify.annotations.NullMarked;
