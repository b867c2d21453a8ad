/**
 * One call of a variant: which server is asked, what its answer is while it arrives, and when it
 * has taken too long. Everything here runs on event loops and never blocks them.
 */
@NullMarked
package io.serin.router.attempt;

import org.jspecify.annotations.NullMarked;
