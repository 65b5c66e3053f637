// The server room: a home served to other processes, and the log that the serving process keeps.
export { type Daemon, type DaemonOptions, openDaemon } from './daemon.ts'
export { type LogLine, type ReadLogsOptions, readLogs } from './read-logs.ts'
