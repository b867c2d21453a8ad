/** WebSockets of the realtime API: passed through to control, within bounds. */
@NullMarked
package io.serin.router.realtime;

import org.jspecify.annotations.NullMarked;
