namespace WhiteCross.MessageNotification;

/// <summary>
/// The line between "surely not sent" and "nobody can tell": whoever sends steps over it right before the first byte that the provider may act on, and
/// the job has that on record before the byte leaves.
/// </summary>
/// <param name="begin">Puts it on record.</param>
internal sealed class SendingMark(Func<CancellationToken, Task> begin)
{
    /// <summary>Whether the record says that something may have been sent.</summary>
    public bool IsOnRecord { get; private set; }

    /// <summary>Whether something may have been sent.</summary>
    public bool Begun { get; private set; }

    /// <summary>From here on it may be sent. Whatever fails before has sent nothing.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await PutOnRecordAsync(cancellationToken);
        Begun = true;
    }

    /// <summary>Puts on record that something may have been sent, before it may: for a send that goes on when its run has ended and can write no more.</summary>
    public async Task PutOnRecordAsync(CancellationToken cancellationToken)
    {
        if (!IsOnRecord)
        {
            // The write may arrive though its answer does not.
            IsOnRecord = true;
            await begin(cancellationToken);
        }
    }

    /// <summary>It is certain after all that nothing was sent.</summary>
    public void Retract() => Begun = false;
}
