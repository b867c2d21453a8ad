/**
 * The composition root of the router: settings, command line, and the service wired from its parts.
 */
@NullMarked
package io.serin.router;

import org.jspecify.annotations.NullMarked;
