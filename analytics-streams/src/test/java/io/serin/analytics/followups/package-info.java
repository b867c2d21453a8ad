@NullMarked
package io.serin.analytics.followups;

import org.jspecify.annotations.NullMarked;
