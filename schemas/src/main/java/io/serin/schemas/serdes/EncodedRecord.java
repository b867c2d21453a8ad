package io.serin.schemas.serdes;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * A record that is plain Avro already: {@link AvroSerializer} puts its frame before the bytes and
 * copies them as they are. It has no fields to look at, so no other serializer can write it. Not
 * compared by anyone; holds the array that it was given.
 */
public final class EncodedRecord implements SpecificRecord {

  private final Schema schema;
  private final byte[] bytes;

  /**
   * @param schema that the bytes were written with
   * @param bytes one record, without a frame
   */
  public EncodedRecord(Schema schema, byte[] bytes) {
    this.schema = schema;
    this.bytes = bytes;
  }

  @Override
  public Schema getSchema() {
    return schema;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Not supported: the fields are bytes. */
  @Override
  public Object get(int field) {
    throw new UnsupportedOperationException("an encoded record has no fields");
  }

  /** Not supported: the fields are bytes. */
  @Override
  public void put(int field, Object value) {
    throw new UnsupportedOperationException("an encoded record has no fields");
  }
}
