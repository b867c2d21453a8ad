/**
 * Calls of model servers: each event loop's own kept connections, and HTTP/1.1 or HTTP/2 on them by
 * Netty, without what a general client carries along for each request.
 */
@NullMarked
package io.serin.router.upstream;

import org.jspecify.annotations.NullMarked;
