/** What further models find in a pair: likeness of meaning by embeddings, and a judge's word. */
@NullMarked
package io.serin.comparison.review;

import org.jspecify.annotations.NullMarked;
