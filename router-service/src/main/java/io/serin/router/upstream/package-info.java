/**
 * Calls of model servers: each event loop's own kept connections, and HTTP/1.1 on them by Netty's
 * reader, without what a general client carries along for each request.
 */
@NullMarked
package io.serin.router.upstream;

import org.jspecify.annotations.NullMarked;
