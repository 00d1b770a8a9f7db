using System.Collections.Concurrent;

namespace WhiteCross.Jobs.Running;

/// <summary>The events in this process: of each job at most one goes through the gate at a time.</summary>
internal sealed class Deliveries
{
    private readonly ConcurrentDictionary<string, Delivery> _here = new(StringComparer.Ordinal);

    /// <summary>Where events go that came while another one of their job ended.</summary>
    public required Action<Delivery> Again { get; init; }

    /// <summary>The verdicts that are still to come.</summary>
    public IEnumerable<Task> Verdicts => _here.Values.Select(delivery => delivery.Verdict);

    /// <summary>Takes an event in.</summary>
    /// <returns>True when it is its job's only one here and must go to the gate.</returns>
    public bool TryEnter(Delivery delivery)
    {
        while (!_here.TryAdd(delivery.Request.JobId, delivery))
        {
            if (_here.TryGetValue(delivery.Request.JobId, out var existing) && existing.TryTakeIn(delivery))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The job runs here: other events of it have nothing to ask for.</summary>
    public static void Run(Delivery delivery)
    {
        foreach (var follower in delivery.Enter(DeliveryStage.Running))
        {
            follower.Answer(DeliveryVerdict.Success);
        }
    }

    /// <summary>The event is over. What came meanwhile may be newer than what has just been put on record, and is looked at on its own.</summary>
    public void Close(Delivery delivery, DeliveryVerdict verdict)
    {
        // Let go of the id first: an event that comes from now on is a new one.
        _here.TryRemove(new KeyValuePair<string, Delivery>(delivery.Request.JobId, delivery));
        var followers = delivery.Enter(DeliveryStage.Closed);
        delivery.Answer(verdict);
        foreach (var follower in followers)
        {
            Again(follower);
        }
    }
}
