namespace Dapr.Workflow.Worker;

/// <summary>What the worker takes on at once, and how it keeps in touch.</summary>
/// <param name="Turns">Workflow turns at once.</param>
/// <param name="Activities">Activities at once.</param>
internal sealed record WorkerLimits(int Turns, int Activities)
{
    /// <summary>As many as the worker of the official package runs. Less is a matter of the sidecar's configuration (<c>spec.workflow</c>).</summary>
    public static WorkerLimits Default { get; } = new(100, 100);

    /// <summary>The first pause before the stream is opened again; it doubles each time.</summary>
    public TimeSpan FirstReconnectPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause before the stream is opened again: that of the official worker.</summary>
    public TimeSpan LongestReconnectPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the worker says hello, so that nothing between takes the connection for idle.</summary>
    public TimeSpan HelloEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a hello may take.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first pause before an answer is sent again because the sidecar was away; it doubles each time.</summary>
    public TimeSpan FirstAnswerPause { get; init; } = TimeSpan.FromMilliseconds(100);
}
