namespace WhiteCross.Chaos;

/// <summary>What a job of the chaos run does; its data's metadata says so under <c>behaviour</c>.</summary>
public enum Behaviour
{
    /// <summary>Done in a moment.</summary>
    Fast,

    /// <summary>Runs for a second or more, sometimes for longer than a lease.</summary>
    Slow,

    /// <summary>Its first attempt fails.</summary>
    FailsOnce,

    /// <summary>All its attempts fail.</summary>
    FailsAlways,

    /// <summary>Says at once that it can never succeed.</summary>
    Permanent,

    /// <summary>Reports its progress while it runs.</summary>
    Progress,

    /// <summary>Works in steps, each of which has an effect outside; its first attempt fails in the middle.</summary>
    Steps,

    /// <summary>Its first attempt does what no handler should.</summary>
    Misbehaves,

    /// <summary>Its first attempt neither keeps to its timeout nor stops when it is told to.</summary>
    IgnoresItsToken,
}
