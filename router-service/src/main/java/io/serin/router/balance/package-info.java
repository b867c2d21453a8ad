/**
 * Pure: which of a variant's servers is called, how many requests a variant may have under way, and
 * how often a call is tried again. No I/O; time comes in as monotonic nanoseconds.
 */
@NullMarked
package io.serin.router.balance;

import org.jspecify.annotations.NullMarked;
