using System.Text.RegularExpressions;
using WhiteCross.Cli.Output;

namespace WhiteCross.Cli.Tests;

/// <summary>Tables: on a terminal they fit its width and no number is broken; elsewhere they are rows for programs.</summary>
public sealed class ListingTests(CliSystem system)
{
    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(140)]
    public async Task A_table_fits_the_terminal_and_its_numbers_are_whole(int width)
    {
        var ran = (await OnTerminal(width).RunAsync("metrics", "--no-color")).Well();

        var lines = Regex.Replace(ran.Output, "\e\\[[0-9;]*m", string.Empty).Split('\n');
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, width));
        var row = Assert.Single(lines, line => line.Contains("message-cleanup", StringComparison.Ordinal));
        Assert.All(row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(3), cell => Assert.Matches(@"^[\d,]+$", cell));
    }

    [Fact]
    public void Less_important_columns_go_first_then_the_ends_of_texts_and_never_a_digit()
    {
        var listing = Tables.Create("job", "?type", ">attempts", "?>progress in all", "error");
        listing.AddRow(Tables.Cell("0198c2f4-job"), Tables.Cell("send-message"), Tables.Cell(1_234_567), Tables.Cell("100 %"), Tables.Cell("The provider said something that is much longer than the line of a terminal"));

        Assert.Contains("progress in all", Drawn(listing, 160), StringComparison.Ordinal);
        var at80 = Drawn(listing, 80);
        Assert.Contains("send-message", at80, StringComparison.Ordinal);
        Assert.Contains("1,234,567", at80, StringComparison.Ordinal);
        Assert.Contains("…", at80, StringComparison.Ordinal);
        var at50 = Drawn(listing, 50);
        Assert.DoesNotContain("100 %", at50, StringComparison.Ordinal);
        Assert.Contains("1,234,567", at50, StringComparison.Ordinal);
        Assert.Contains("0198c2f4-job", at50, StringComparison.Ordinal);
        Assert.All(at50.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 50));
    }

    [Fact]
    public async Task What_is_piped_is_a_line_a_row_with_tabs_and_without_a_header()
    {
        var lines = (await system.RunAsync("metrics")).Well().Output.TrimEnd('\n').Split('\n');

        Assert.Equal(7, lines.Length);
        Assert.All(lines, line => Assert.Equal(10, line.Split('\t').Length));
        Assert.StartsWith("message-delivery\t", lines[0], StringComparison.Ordinal);
        var id = await system.AddAndWaitAsync(JobFiles.SendMessage());
        var facts = (await system.RunAsync("job", id)).Well().Output.Split('\n');
        Assert.Contains($"Job\t{id}", facts);
        Assert.Contains("State\tcompleted", facts);
    }

    private static string Drawn(Listing listing, int width)
    {
        var output = new StringWriter();
        var environment = new CliEnvironment { Input = TextReader.Null, Output = output, Error = TextWriter.Null, IsOutputTerminal = true, Ansi = Spectre.Console.AnsiSupport.No, Width = width };
        new Screen(environment, isJson: false, isColorful: false).Write(listing);
        return output.ToString();
    }

    private Tool OnTerminal(int width)
    {
        var tool = new Tool { IsOutputTerminal = true, Width = width };
        foreach (var (name, value) in system.Tool().Variables)
        {
            tool.Variables[name] = value;
        }

        return tool;
    }
}
