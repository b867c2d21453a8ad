/** The catalogue of topics. */
@NullMarked
package io.serin.schemas.topics;

import org.jspecify.annotations.NullMarked;
