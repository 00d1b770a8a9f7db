namespace WhiteCross.TestRun.Tests;

public sealed class PlanTests
{
    private static readonly IReadOnlyList<TestModule> Modules = TestModule.OfRepository([]);

    [Fact]
    public void Every_module_runs_once()
    {
        TestModule[] planned = [.. Plan.Together(Modules), .. Plan.Last(Modules).SelectMany(few => few)];

        Assert.Equal(Modules, planned.OrderBy(module => module.Name, StringComparer.Ordinal));
        Assert.Contains(planned, module => module.Name == "TestRun");
    }

    [Fact]
    public void What_the_plan_names_exists() => Assert.Empty(Plan.Named.Except(Modules.Select(module => module.Name)));

    [Fact]
    public void Whoever_asks_for_a_module_that_does_not_exist_is_told_which_do()
    {
        var told = Assert.Throws<InvalidOperationException>(() => TestModule.OfRepository(["Gatway"]));

        Assert.StartsWith("There is no test module 'Gatway'; there are ", told.Message, StringComparison.Ordinal);
        Assert.Contains("Gateway, ", told.Message, StringComparison.Ordinal);
    }
}
