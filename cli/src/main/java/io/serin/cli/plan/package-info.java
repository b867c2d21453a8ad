/** {@code serin plan}: how many requests, and how long, a rollout or an A/B test needs. */
@NullMarked
package io.serin.cli.plan;

import org.jspecify.annotations.NullMarked;
