namespace WhiteCross.Sidecar.Resiliency;

/// <summary>The breakers of an app's endpoints; beyond its size, the one that was not asked for the longest is forgotten.</summary>
internal sealed class CircuitBreakerCache(int size)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Endpoint, CircuitBreaker Breaker)>> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Endpoint, CircuitBreaker Breaker)> _byUse = new();

    public CircuitBreaker GetOrAdd(string endpoint, Func<CircuitBreaker> create)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(endpoint, out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                node = new LinkedListNode<(string, CircuitBreaker)>((endpoint, create()));
                _nodes.Add(endpoint, node);
                if (_nodes.Count > size && _byUse.Last is { } oldest)
                {
                    _nodes.Remove(oldest.Value.Endpoint);
                    _byUse.RemoveLast();
                }
            }

            _byUse.AddFirst(node);
            return node.Value.Breaker;
        }
    }
}
