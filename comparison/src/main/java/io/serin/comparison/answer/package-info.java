/** What one answer is like, and its question: values that a comparison is made from. */
@NullMarked
package io.serin.comparison.answer;

import org.jspecify.annotations.NullMarked;
