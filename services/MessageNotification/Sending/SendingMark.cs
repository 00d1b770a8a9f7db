namespace WhiteCross.MessageNotification;

/// <summary>
/// The line between "surely not sent" and "nobody can tell": whoever sends steps over it right before the first byte that the provider may act on, and
/// the job has that on record before the byte leaves.
/// </summary>
/// <param name="begin">Puts it on record.</param>
/// <param name="retract">Takes it off the record.</param>
internal sealed class SendingMark(Func<CancellationToken, Task> begin, Func<Task> retract)
{
    private bool _isOnRecord;

    /// <summary>Whether something may have been sent.</summary>
    public bool Begun { get; private set; }

    /// <summary>From here on it may be sent. Whatever fails before has sent nothing.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        // The write may arrive though its answer does not.
        _isOnRecord = true;
        await begin(cancellationToken);
        Begun = true;
    }

    /// <summary>It is certain after all that nothing was sent.</summary>
    public async Task RetractAsync()
    {
        Begun = false;
        if (_isOnRecord)
        {
            _isOnRecord = false;
            await retract();
        }
    }
}
