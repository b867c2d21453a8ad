/** No file, record, action or clock can keep a candidate in traffic or stop the controller. */
@org.jspecify.annotations.NullMarked
package io.serin.rails;
