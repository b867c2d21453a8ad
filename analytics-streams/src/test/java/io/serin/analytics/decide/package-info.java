@NullMarked
package io.serin.analytics.decide;

import org.jspecify.annotations.NullMarked;
