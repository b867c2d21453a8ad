/**
 * What a rollback came too late for: the requests that the candidate served from its first bad one
 * on, counted in serin.requests once every router has left it. A pure count ({@link
 * io.serin.analytics.followups.ServedCount}) under a reader ({@link
 * io.serin.analytics.followups.ServedAfterRollback}).
 */
@NullMarked
package io.serin.analytics.followups;

import org.jspecify.annotations.NullMarked;
