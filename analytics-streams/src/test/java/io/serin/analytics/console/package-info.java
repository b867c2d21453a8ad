@org.jspecify.annotations.NullMarked
package io.serin.analytics.console;
