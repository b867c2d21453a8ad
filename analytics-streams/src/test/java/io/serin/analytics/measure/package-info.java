@NullMarked
package io.serin.analytics.measure;

import org.jspecify.annotations.NullMarked;
