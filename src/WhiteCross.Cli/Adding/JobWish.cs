namespace WhiteCross.Cli.Adding;

/// <summary>What the command line says of the jobs of a file; null: what the file says.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Type">The job's type.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="JobId">The job's id.</param>
/// <param name="Delay">How long to wait before the first attempt.</param>
internal sealed record JobWish(string? Queue, string? Type, string? Priority, string? JobId, TimeSpan? Delay);
