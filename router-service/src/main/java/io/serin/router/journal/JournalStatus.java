package io.serin.router.journal;

/**
 * The journal in figures.
 *
 * @param backlog events that Kafka has not acknowledged
 * @param backlogBytes bytes they take
 * @param dropped events refused since the directory was made: it or the disk was full, or they were
 *     too large
 * @param openTickets requests under way
 * @param bytes size of all segment files
 * @param reservedBytes kept free for the last attempts of requests under way
 */
public record JournalStatus(
    long backlog,
    long backlogBytes,
    long dropped,
    int openTickets,
    long bytes,
    long reservedBytes) {}
