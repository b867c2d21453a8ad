// Confluent's own client, unmodified:
//   node confluent-client.mjs read  BROKERS REGISTRY TOPIC FIELD VALUE   prints the first record whose field has that value
//   node confluent-client.mjs write BROKERS REGISTRY TOPIC KEY JSON      writes one record with the registered schema
import { Kafka, logLevel } from 'kafkajs';
import { SchemaRegistryClient, AvroDeserializer, AvroSerializer, SerdeType } from '@confluentinc/schemaregistry';

const [mode, brokers, registry, topic, ...rest] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'peer', brokers: brokers.split(','), logLevel: logLevel.ERROR });
const client = new SchemaRegistryClient({ baseURLs: [registry] });
const json = (value) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? Number(v) : v));

if (mode === 'read') {
  const [field, wanted] = rest;
  const avro = new AvroDeserializer(client, SerdeType.VALUE, {});
  const consumer = kafka.consumer({ groupId: `peer-${process.pid}-${Date.now()}`, readUncommitted: false });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise((done, failed) => {
    consumer.run({
      eachMessage: async ({ message }) => {
        try {
          const value = await avro.deserialize(topic, message.value);
          if (String(value[field]) !== wanted) return;
          console.log(json({ key: message.key?.toString(), value }));
          done();
        } catch (e) {
          failed(e);
        }
      },
    }).catch(failed);
  });
  await consumer.disconnect();
} else {
  const [key, value] = rest;
  const avro = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
  const producer = kafka.producer();
  await producer.connect();
  const record = { key, value: await avro.serialize(topic, JSON.parse(value)) };
  const [meta] = await producer.send({ topic, messages: [record] });
  console.log(json({ partition: meta.partition, offset: meta.baseOffset }));
  await producer.disconnect();
}
process.exit(0);
