using Dapr.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>
/// Events from outside, and who waits for them. Names match without regard to case; the oldest wait gets the oldest event.
/// </summary>
internal sealed class ExternalEvents
{
    private readonly Dictionary<string, LinkedList<Waiter>> _waits = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Queue<(int Order, HistoryEvent Event)>> _kept = new(StringComparer.OrdinalIgnoreCase);
    private int _arrivals;

    /// <summary>How many waits are open.</summary>
    public int OpenWaits { get; private set; }

    /// <summary>Events that nobody has waited for, in the order of their arrival.</summary>
    public IEnumerable<HistoryEvent> Kept => _kept.Values.SelectMany(q => q).OrderBy(e => e.Order).Select(e => e.Event);

    /// <summary>Takes an event that came before anybody waited for it.</summary>
    public bool TryTake(string name, out HistoryEvent taken)
    {
        if (_kept.TryGetValue(name, out var queue) && queue.TryDequeue(out var kept))
        {
            taken = kept.Event;
            return true;
        }

        taken = null!;
        return false;
    }

    /// <summary>Waits for an event; the node is for <see cref="Forget"/>.</summary>
    public LinkedListNode<Waiter> Wait(string name, Waiter waiter)
    {
        if (!_waits.TryGetValue(name, out var list))
        {
            _waits.Add(name, list = []);
        }

        OpenWaits++;
        return list.AddLast(waiter);
    }

    /// <summary>Ends a wait that gets no event.</summary>
    public void Forget(LinkedListNode<Waiter> wait)
    {
        if (wait.List is { } list)
        {
            list.Remove(wait);
            OpenWaits--;
        }
    }

    /// <summary>An event has come.</summary>
    public void Raise(HistoryEvent raised)
    {
        var name = raised.EventRaised.Name;
        if (_waits.TryGetValue(name, out var list) && list.First is { } oldest)
        {
            list.RemoveFirst();
            OpenWaits--;
            oldest.Value.Resolve(raised);
            return;
        }

        if (!_kept.TryGetValue(name, out var queue))
        {
            _kept.Add(name, queue = new());
        }

        queue.Enqueue((_arrivals++, raised));
    }
}
