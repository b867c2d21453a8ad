/** Models that look at answers, by HTTP: one that embeds, one that judges. */
@NullMarked
package io.serin.worker.review;

import org.jspecify.annotations.NullMarked;
