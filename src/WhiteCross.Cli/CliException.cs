using System.Text.Json.Nodes;

namespace WhiteCross.Cli;

/// <summary>The command cannot be done.</summary>
/// <param name="exitCode">See <see cref="ExitCodes"/>.</param>
/// <param name="message">What is wrong, and the way out.</param>
/// <param name="errors">What is wrong field by field; null where that has no meaning.</param>
/// <param name="problem">The gateway's problem details; null when it was not the gateway that said so.</param>
internal sealed class CliException(int exitCode, string message, IReadOnlyDictionary<string, string[]>? errors = null, JsonObject? problem = null)
    : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors ?? new Dictionary<string, string[]>();

    public JsonObject? Problem { get; } = problem;
}
