/**
 * What a rollback came too late for: the requests that the candidate served from its first bad one
 * on, counted in serin.requests once every router has left it. A pure count ({@link
 * io.serin.analytics.aftermath.ServedCount}) under a reader ({@link
 * io.serin.analytics.aftermath.Aftermath}).
 */
@NullMarked
package io.serin.analytics.aftermath;

import org.jspecify.annotations.NullMarked;
