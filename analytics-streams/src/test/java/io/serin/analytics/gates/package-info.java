@NullMarked
package io.serin.analytics.gates;

import org.jspecify.annotations.NullMarked;
