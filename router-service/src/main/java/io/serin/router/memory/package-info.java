/** How many bytes of bodies a router holds at once. Pure: no I/O, no clock. */
@NullMarked
package io.serin.router.memory;

import org.jspecify.annotations.NullMarked;
