namespace Dapr.Workflow.Replay;

/// <summary>
/// The one thread of a turn: what the workflow's code goes on with is queued here and run in order, until nothing is left. A post from another thread means
/// that the code has waited for something that is not in the history; it is not run, but remembered.
/// </summary>
internal sealed class TurnScheduler : SynchronizationContext
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private volatile bool _isOver;

    /// <summary>Code of the workflow has come back from another thread.</summary>
    public bool WasLeft { get; private set; }

    /// <summary>Whether the calling code is on the turn's thread, within the turn.</summary>
    public bool IsHere => !_isOver && Environment.CurrentManagedThreadId == _thread;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsHere)
        {
            _ready.Enqueue((d, state));
        }
        else
        {
            WasLeft = true;
        }
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!IsHere)
        {
            throw new InvalidOperationException(NonDeterministicWorkflowException.OtherThread);
        }

        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs code of the workflow, and then what it makes ready, until everything waits again.</summary>
    public void Run(Action code) => Run(code, this);

    /// <summary>
    /// Ends a wait of the workflow's code, and runs what that makes ready. The wait ends outside this context, so that code that asked for no context
    /// goes on in place instead of on another thread.
    /// </summary>
    public void EndWait(Action end) => Run(end, null);

    /// <summary>Code of the workflow depends on another thread.</summary>
    public void MarkLeft() => WasLeft = true;

    /// <summary>The turn is over: nothing of it runs any more.</summary>
    public void End() => _isOver = true;

    private void Run(Action first, SynchronizationContext? context)
    {
        var before = Current;
        SetSynchronizationContext(context);
        try
        {
            first();
            SetSynchronizationContext(this);
            while (_ready.TryDequeue(out var next))
            {
                next.Callback(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
