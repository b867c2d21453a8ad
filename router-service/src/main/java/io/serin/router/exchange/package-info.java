/**
 * A client's request from its assignment to its last byte: attempts, fallback, evidence. Everything
 * here runs on event loops and never blocks them.
 */
@NullMarked
package io.serin.router.exchange;

import org.jspecify.annotations.NullMarked;
