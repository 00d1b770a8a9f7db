namespace WhiteCross.Sidecar.Resources;

/// <summary>Resource files that cannot be used. The message has a line for each problem: file, line, field, what is wrong, the way out.</summary>
public sealed class ResourceException : Exception
{
    /// <summary>One problem without a place.</summary>
    /// <param name="message">What is wrong.</param>
    public ResourceException(string message)
        : base(message) => Problems = [message];

    /// <summary>One problem.</summary>
    /// <param name="position">Where.</param>
    /// <param name="problem">What is wrong, and the way out.</param>
    public ResourceException(SourcePosition position, string problem)
        : this($"{position}: {problem}")
    {
    }

    /// <summary>All problems that were found.</summary>
    /// <param name="problems">At least one.</param>
    public ResourceException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>Each problem for itself.</summary>
    public IReadOnlyList<string> Problems { get; }
}
