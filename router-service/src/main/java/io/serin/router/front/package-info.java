/**
 * The ports for clients: servers, one event loop each, and where each request goes. Everything here
 * runs on event loops and never blocks them.
 */
@NullMarked
package io.serin.router.front;

import org.jspecify.annotations.NullMarked;
