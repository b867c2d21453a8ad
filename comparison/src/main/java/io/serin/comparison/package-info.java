/**
 * What differs between two answers to one prompt, and whether two models differ over many prompts.
 * Pure: values in, values out; no I/O, no clock, no log. Endpoints that embed or judge come in by
 * {@link io.serin.comparison.review.Embedder} and {@link io.serin.comparison.review.ModelJudge}.
 */
@NullMarked
package io.serin.comparison;

import org.jspecify.annotations.NullMarked;
