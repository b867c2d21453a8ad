/**
 * The HTTP side of the data plane, on Vert.x: everything here runs on event loops and never blocks
 * them.
 */
@NullMarked
package io.serin.router.http;

import org.jspecify.annotations.NullMarked;
