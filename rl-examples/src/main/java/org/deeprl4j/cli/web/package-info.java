/** What all pages and services on this machine share: who may ask, how long, and bundled files. */
@NullMarked
package org.deeprl4j.cli.web;

import org.jspecify.annotations.NullMarked;
