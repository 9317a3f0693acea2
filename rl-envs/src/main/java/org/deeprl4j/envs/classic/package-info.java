/** Classic control: small systems with exact, published dynamics. */
@NullMarked
package org.deeprl4j.envs.classic;

import org.jspecify.annotations.NullMarked;
