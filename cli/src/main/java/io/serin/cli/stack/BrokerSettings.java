package io.serin.cli.stack;

import java.nio.file.Path;
import java.util.Properties;

/** Settings of the embedded broker: one KRaft node, alone, small. */
final class BrokerSettings {

  private BrokerSettings() {}

  static Properties of(Path logs, String host, int port, int controllerPort) {
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", "1");
    p.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    p.setProperty(
        "listeners",
        "PLAINTEXT://" + host + ":" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    p.setProperty("advertised.listeners", "PLAINTEXT://" + host + ":" + port);
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.setProperty("inter.broker.listener.name", "PLAINTEXT");
    p.setProperty("log.dirs", logs.toString());
    p.setProperty("auto.create.topics.enable", "false");
    // Alone: no other broker could hold a replica.
    p.setProperty("default.replication.factor", "1");
    p.setProperty("min.insync.replicas", "1");
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "4");
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "4");
    p.setProperty("share.coordinator.state.topic.replication.factor", "1");
    p.setProperty("share.coordinator.state.topic.min.isr", "1");
    p.setProperty("share.coordinator.state.topic.num.partitions", "4");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    // A broker that was killed may register again once its last registration has expired.
    p.setProperty("broker.session.timeout.ms", "6000");
    p.setProperty("broker.heartbeat.interval.ms", "1000");
    // A service that was killed is back in its group as soon as it has asked to be.
    p.setProperty("group.min.session.timeout.ms", "1000");
    // Small: a laptop runs all of Serin beside it.
    p.setProperty("num.network.threads", "2");
    p.setProperty("num.io.threads", "4");
    p.setProperty("log.cleaner.dedupe.buffer.size", "2097152");
    p.setProperty("log.segment.bytes", "67108864");
    p.setProperty("offsets.topic.segment.bytes", "16777216");
    p.setProperty("transaction.state.log.segment.bytes", "16777216");
    return p;
  }
}
