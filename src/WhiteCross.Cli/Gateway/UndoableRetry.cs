namespace WhiteCross.Cli.Gateway;

/// <summary>A retry of many failed jobs that waits for a while, in which it can be undone.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="State">held, running, done or undone.</param>
/// <param name="Count">How many failed jobs it is for.</param>
/// <param name="DueAt">Until when it can be undone.</param>
internal sealed record UndoableRetry(string Id, string Queue, string State, int Count, DateTimeOffset DueAt);
