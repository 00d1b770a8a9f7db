namespace WhiteCross.Jobs.Store;

/// <summary>Reads W3C trace context.</summary>
public static class TraceIds
{
    /// <summary>The trace id within a W3C traceparent; null when there is none.</summary>
    /// <param name="traceParent">For example <c>00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01</c>.</param>
    public static string? FromTraceParent(string? traceParent) =>
        traceParent is { Length: >= 55 } && traceParent[2] == '-' && traceParent[35] == '-' ? traceParent[3..35] : null;
}
