namespace WhiteCross.Sidecar.Workflows;

/// <summary>Settings of the workflow engine: the <c>workflow</c> part of a Dapr Configuration, and the sidecar's limits.</summary>
public sealed record WorkflowEngineOptions
{
    /// <summary>Turns given out at once; null: no limit.</summary>
    public int? MaxConcurrentWorkflowInvocations { get; init; }

    /// <summary>Activities given out at once; null: no limit.</summary>
    public int? MaxConcurrentActivityInvocations { get; init; }

    /// <summary>The largest message, in bytes. A turn above 95 % of it stalls its instance. Default: 4 MiB, as daprd's max-body-size.</summary>
    public int MaxMessageSize { get; init; } = 4 << 20;

    /// <summary>How long giving out one item may take before its stream counts as dead. Default: 10 s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause before something that the store did not take is tried again. Default: 1 s.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);
}
