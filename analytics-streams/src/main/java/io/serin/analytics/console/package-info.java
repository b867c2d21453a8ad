/** The console's files, served beside the control API: pages that ask that API and nothing else. */
@org.jspecify.annotations.NullMarked
package io.serin.analytics.console;
