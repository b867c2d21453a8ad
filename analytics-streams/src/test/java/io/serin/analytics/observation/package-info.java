@NullMarked
package io.serin.analytics.observation;

import org.jspecify.annotations.NullMarked;
