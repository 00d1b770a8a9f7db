namespace WhiteCross.Chaos.Checking;

/// <summary>What the provider outside was asked to do; a job and its step are the idempotency key.</summary>
/// <param name="JobId">For which job.</param>
/// <param name="Step">In which step.</param>
/// <param name="Run">By which run of its handler.</param>
/// <param name="At">When, by the machine's monotonic clock.</param>
public sealed record Sending(string JobId, string Step, string Run, TimeSpan At);
