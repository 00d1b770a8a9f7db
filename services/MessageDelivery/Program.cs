namespace WhiteCross.MessageDelivery;

internal static class Program
{
    private static void Main()
    {
    }
}
