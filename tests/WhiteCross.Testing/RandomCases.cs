namespace WhiteCross.Testing;

/// <summary>How many cases a random test tries: enough to notice a fault in every run, many more with <c>./test.sh --long</c>, as CI runs it every night.</summary>
public static class RandomCases
{
    /// <summary>The environment variable that asks for long runs.</summary>
    public const string Variable = "TEST_LONG";

    private const int Longer = 20;

    /// <summary>Whether the run is a long one.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>The number of cases.</summary>
    /// <param name="usual">In an ordinary run.</param>
    public static int Count(int usual) => IsLong ? usual * Longer : usual;
}
